module @gelu {
  func.func public @main(%arg0: tensor<4x5xf32> loc("in0")) -> (tensor<4x5xf32>, tensor<4x5xf32>) {
    %0 = stablehlo.multiply %arg0, %arg0 : tensor<4x5xf32>
    %1 = stablehlo.multiply %arg0, %0 : tensor<4x5xf32>
    %2 = stablehlo.constant dense<0x3D372713> : tensor<4x5xf32>
    %3 = stablehlo.multiply %1, %2 : tensor<4x5xf32>
    %4 = stablehlo.add %arg0, %3 : tensor<4x5xf32>
    %5 = stablehlo.constant dense<0x3F4C422A> : tensor<4x5xf32>
    %6 = stablehlo.multiply %4, %5 : tensor<4x5xf32>
    %7 = stablehlo.constant dense<0x3F800000> : tensor<4x5xf32>
    %8 = stablehlo.tanh %6 : tensor<4x5xf32>
    %9 = stablehlo.add %7, %8 : tensor<4x5xf32>
    %10 = stablehlo.multiply %arg0, %9 : tensor<4x5xf32>
    %11 = stablehlo.constant dense<0x3F000000> : tensor<4x5xf32>
    %12 = stablehlo.multiply %10, %11 : tensor<4x5xf32>
    %13 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %13, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %15 = stablehlo.multiply %14, %12 : tensor<4x5xf32>
    %16 = stablehlo.multiply %14, %12 : tensor<4x5xf32>
    %17 = stablehlo.add %15, %16 : tensor<4x5xf32>
    %18 = stablehlo.multiply %arg0, %arg0 : tensor<4x5xf32>
    %19 = stablehlo.multiply %arg0, %18 : tensor<4x5xf32>
    %20 = stablehlo.constant dense<0x3D372713> : tensor<4x5xf32>
    %21 = stablehlo.multiply %19, %20 : tensor<4x5xf32>
    %22 = stablehlo.add %arg0, %21 : tensor<4x5xf32>
    %23 = stablehlo.constant dense<0x3F4C422A> : tensor<4x5xf32>
    %24 = stablehlo.multiply %22, %23 : tensor<4x5xf32>
    %25 = stablehlo.constant dense<0x3F800000> : tensor<4x5xf32>
    %26 = stablehlo.tanh %24 : tensor<4x5xf32>
    %27 = stablehlo.add %25, %26 : tensor<4x5xf32>
    %28 = stablehlo.constant dense<0x3F000000> : tensor<4x5xf32>
    %29 = stablehlo.multiply %17, %28 : tensor<4x5xf32>
    %30 = stablehlo.multiply %29, %27 : tensor<4x5xf32>
    %31 = stablehlo.multiply %29, %arg0 : tensor<4x5xf32>
    %32 = stablehlo.constant dense<0x3F800000> : tensor<4x5xf32>
    %33 = stablehlo.multiply %26, %26 : tensor<4x5xf32>
    %34 = stablehlo.subtract %32, %33 : tensor<4x5xf32>
    %35 = stablehlo.multiply %31, %34 : tensor<4x5xf32>
    %36 = stablehlo.constant dense<0x3F4C422A> : tensor<4x5xf32>
    %37 = stablehlo.multiply %35, %36 : tensor<4x5xf32>
    %38 = stablehlo.add %30, %37 : tensor<4x5xf32>
    %39 = stablehlo.constant dense<0x3D372713> : tensor<4x5xf32>
    %40 = stablehlo.multiply %37, %39 : tensor<4x5xf32>
    %41 = stablehlo.multiply %40, %18 : tensor<4x5xf32>
    %42 = stablehlo.multiply %40, %arg0 : tensor<4x5xf32>
    %43 = stablehlo.add %38, %41 : tensor<4x5xf32>
    %44 = stablehlo.multiply %42, %arg0 : tensor<4x5xf32>
    %45 = stablehlo.multiply %42, %arg0 : tensor<4x5xf32>
    %46 = stablehlo.add %43, %44 : tensor<4x5xf32>
    %47 = stablehlo.add %46, %45 : tensor<4x5xf32>
    return %12, %47 : tensor<4x5xf32>, tensor<4x5xf32>
  }
}
