module @layer_norm {
  func.func public @main(%arg0: tensor<3x6xf32> loc("in0"), %arg1: tensor<6xf32> loc("in1"), %arg2: tensor<6xf32> loc("in2")) -> (tensor<3x6xf32>, tensor<3x6xf32>, tensor<6xf32>, tensor<6xf32>) {
    %0 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %1 = stablehlo.reduce(%arg0 init: %0) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %2 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %3 = stablehlo.multiply %1, %2 : tensor<3xf32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %5 = stablehlo.subtract %arg0, %4 : tensor<3x6xf32>
    %6 = stablehlo.multiply %5, %5 : tensor<3x6xf32>
    %7 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %8 = stablehlo.reduce(%6 init: %7) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %9 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %10 = stablehlo.multiply %8, %9 : tensor<3xf32>
    %11 = stablehlo.constant dense<0x3727C5AC> : tensor<3xf32>
    %12 = stablehlo.add %10, %11 : tensor<3xf32>
    %13 = stablehlo.rsqrt %12 : tensor<3xf32>
    %14 = stablehlo.broadcast_in_dim %13, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %15 = stablehlo.multiply %5, %14 : tensor<3x6xf32>
    %16 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %17 = stablehlo.multiply %15, %16 : tensor<3x6xf32>
    %18 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %19 = stablehlo.add %17, %18 : tensor<3x6xf32>
    %20 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %21 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %22 = stablehlo.multiply %21, %19 : tensor<3x6xf32>
    %23 = stablehlo.multiply %21, %19 : tensor<3x6xf32>
    %24 = stablehlo.add %22, %23 : tensor<3x6xf32>
    %25 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %26 = stablehlo.reduce(%arg0 init: %25) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %27 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %28 = stablehlo.multiply %26, %27 : tensor<3xf32>
    %29 = stablehlo.broadcast_in_dim %28, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %30 = stablehlo.subtract %arg0, %29 : tensor<3x6xf32>
    %31 = stablehlo.multiply %30, %30 : tensor<3x6xf32>
    %32 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %33 = stablehlo.reduce(%31 init: %32) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %34 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %35 = stablehlo.multiply %33, %34 : tensor<3xf32>
    %36 = stablehlo.constant dense<0x3727C5AC> : tensor<3xf32>
    %37 = stablehlo.add %35, %36 : tensor<3xf32>
    %38 = stablehlo.rsqrt %37 : tensor<3xf32>
    %39 = stablehlo.broadcast_in_dim %38, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %40 = stablehlo.multiply %30, %39 : tensor<3x6xf32>
    %41 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<6xf32>) -> tensor<3x6xf32>
    %42 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %43 = stablehlo.reduce(%24 init: %42) applies stablehlo.add across dimensions = [0] : (tensor<3x6xf32>, tensor<f32>) -> tensor<6xf32>
    %44 = stablehlo.multiply %24, %41 : tensor<3x6xf32>
    %45 = stablehlo.multiply %24, %40 : tensor<3x6xf32>
    %46 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %47 = stablehlo.reduce(%45 init: %46) applies stablehlo.add across dimensions = [0] : (tensor<3x6xf32>, tensor<f32>) -> tensor<6xf32>
    %48 = stablehlo.multiply %44, %39 : tensor<3x6xf32>
    %49 = stablehlo.multiply %44, %30 : tensor<3x6xf32>
    %50 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %51 = stablehlo.reduce(%49 init: %50) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %52 = stablehlo.divide %38, %37 : tensor<3xf32>
    %53 = stablehlo.constant dense<0xBF000000> : tensor<3xf32>
    %54 = stablehlo.multiply %52, %53 : tensor<3xf32>
    %55 = stablehlo.multiply %51, %54 : tensor<3xf32>
    %56 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %57 = stablehlo.multiply %55, %56 : tensor<3xf32>
    %58 = stablehlo.broadcast_in_dim %57, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %59 = stablehlo.multiply %58, %30 : tensor<3x6xf32>
    %60 = stablehlo.multiply %58, %30 : tensor<3x6xf32>
    %61 = stablehlo.add %48, %59 : tensor<3x6xf32>
    %62 = stablehlo.add %61, %60 : tensor<3x6xf32>
    %63 = stablehlo.constant dense<0xBF800000> : tensor<3x6xf32>
    %64 = stablehlo.multiply %62, %63 : tensor<3x6xf32>
    %65 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %66 = stablehlo.reduce(%64 init: %65) applies stablehlo.add across dimensions = [1] : (tensor<3x6xf32>, tensor<f32>) -> tensor<3xf32>
    %67 = stablehlo.constant dense<0x3E2AAAAB> : tensor<3xf32>
    %68 = stablehlo.multiply %66, %67 : tensor<3xf32>
    %69 = stablehlo.broadcast_in_dim %68, dims = [0] : (tensor<3xf32>) -> tensor<3x6xf32>
    %70 = stablehlo.add %62, %69 : tensor<3x6xf32>
    return %19, %70, %47, %43 : tensor<3x6xf32>, tensor<3x6xf32>, tensor<6xf32>, tensor<6xf32>
  }
}
